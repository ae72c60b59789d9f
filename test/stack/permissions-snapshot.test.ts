import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { newStack, readable } from './synthesized-stack.ts'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource?: unknown
  Principal?: { Service?: unknown; AWS?: unknown }
  Condition?: Record<string, Record<string, unknown>>
}

interface Properties {
  AssumeRolePolicyDocument: { Statement: Statement[] }
  PolicyDocument: { Statement: Statement[] }
  Roles: { Ref: string }[]
  ManagedPolicyArns?: unknown
  Policies?: unknown
}

const { Resources } = Template.fromStack(newStack()).toJSON() as {
  Resources: Record<string, { Type: string; Properties: Properties }>
}

// A permission that is widened shows in review, as a line of permissions.txt; Vitest's option -u writes it anew.
test('every permission of the stack is that of permissions.txt: who may be which role, and what the role may do', async () => {
  const roles = ofType('AWS::IAM::Role').map(([id, { AssumeRolePolicyDocument, ManagedPolicyArns, Policies }]) => {
    expect([ManagedPolicyArns, Policies]).toEqual([undefined, undefined])
    const statements = ofType('AWS::IAM::Policy')
      .filter(([, { Roles }]) => Roles.some(({ Ref }) => Ref === id))
      .flatMap(([, policy]) => lines(policy.PolicyDocument))
    return [nameOf(id), ...lines(AssumeRolePolicyDocument), ...statements.sort()]
  })
  const policies = [
    'AWS::SQS::QueuePolicy',
    'AWS::S3::BucketPolicy',
    'AWS::Lambda::Permission',
    'AWS::IAM::ManagedPolicy',
  ]
    .flatMap(ofType)
    .map(([id, { PolicyDocument }]) => [nameOf(id), ...lines(PolicyDocument)])
  const text = [...roles, ...policies].map(
    ([name, ...rest]) => `${name}\n${rest.map((line) => `  ${line}\n`).join('')}`,
  )
  await expect(`${text.sort().join('\n')}`).toMatchFileSnapshot('permissions.txt')
})

function ofType(type: string) {
  const found = Object.entries(Resources).filter(([, resource]) => resource.Type === type)
  return found.map(([id, { Properties }]) => [id, Properties] as const)
}

function lines(document: { Statement: Statement[] }): string[] {
  return document.Statement.flatMap(({ Effect, Action, Resource, Principal, Condition }) =>
    [Action].flat().flatMap((action) =>
      [Resource ?? []].flat().length === 0
        ? [`${Effect} ${who(Principal)} ${action}${when(Condition)}`]
        : [Resource].flat().map((resource) => {
            const by = Principal ? ` ${who(Principal)}` : ''
            return `${Effect}${by} ${action} on ${readable(resource)}${when(Condition)}`
          }),
    ),
  )
}

function who(principal: Statement['Principal']): string {
  return readable(principal?.Service ?? principal?.AWS ?? 'nobody')
}

function when(condition: Statement['Condition']): string {
  const tests = Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${key} ${operator} ${readable(value)}`),
  )
  return tests.length > 0 ? ` if ${tests.join(' and ')}` : ''
}

function nameOf(logicalId: string): string {
  return logicalId.replace(/^Jobs/, '').replace(/[0-9A-F]{8}$/, '')
}
