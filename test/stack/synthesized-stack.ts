import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import type { Template } from 'aws-cdk-lib/assertions'
import { afterAll, vi } from 'vitest'
import cdkJson from '../../cdk.json' with { type: 'json' }
import type { AgentJobsProps } from '../../lib/agent-jobs.ts'
import { AgentJobsStack } from '../../lib/agent-jobs-stack.ts'

// CDK's own check of a template takes seconds; the one test that is about it asks for it.
vi.stubEnv('CDK_VALIDATION', 'false')

const folders = mkdtempSync(join(tmpdir(), 'agent-jobs-stacks-'))
afterAll(() => rmSync(folders, { recursive: true }))

/** A folder that is there until the test file is over. */
export const newFolder = () => mkdtempSync(join(folders, 'stack-'))

export function newApp(): App {
  return new App({ context: cdkJson.context, analyticsReporting: false, outdir: newFolder() })
}

export function newStack(props: Partial<AgentJobsProps> = {}, app = newApp()): AgentJobsStack {
  return new AgentJobsStack(app, 'AgentJobs', { agents: 'agents/index.ts', ...props })
}

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: unknown
}

/** What the policies of roles say, or of the roles with this in their name. */
export function statements(template: Template, role = ''): Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
    JSON.stringify(Properties.Roles).includes(role),
  )
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
}

/** The same as lines of `action resource`, without that each may write its own log. */
export function permissions(template: Template, role: string): string[] {
  return statements(template, role)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${readable(resource)}`)),
    )
    .filter((permission) => !permission.startsWith('logs:'))
    .sort()
}

/** A value of the template as one line, in which a reference to a resource is its construct's id. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value
  const intrinsic = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] }
  if (intrinsic.Ref) return intrinsic.Ref.replace('AWS::', '').toLowerCase()
  if (intrinsic['Fn::Join']) return intrinsic['Fn::Join'][1].map(readable).join('')
  const [logicalId = '', attribute] = intrinsic['Fn::GetAtt'] ?? []
  const name = logicalId.replace(/^Jobs(Tables|Queues|Functions|Api|(?=Results))/, '').replace(/[0-9A-F]{8}$/, '')
  return attribute === 'Arn' ? name : `${name}.${attribute}`
}
