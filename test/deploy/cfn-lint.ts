import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createCdk, type Run } from './commands.ts'
import type { PythonTool } from './python-tools.ts'
import type { Step } from './steps.ts'

const CONFIG = join(import.meta.dirname, 'cfn-lint.yaml')

/** The template as `npm run deploy` makes it, by AWS's own linter and schemas, its hints included. */
export function lintTemplate(python: PythonTool, folder: string, run: Run): Step {
  return {
    name: 'cfn-lint has nothing to say of the template',
    run: async () => {
      const output = join(folder, 'cdk.out.product')
      await createCdk(run, { stack: 'AgentJobs', file: 'bin/app.ts', output, context: {} })('synth', ['--quiet'])
      const templates = readdirSync(output).filter((file) => file.endsWith('.template.json'))
      const args = ['--config-file', CONFIG, '--include-checks', 'I', '--', ...templates]
      const { status, stdout, stderr, error } = spawnSync(python('cfn-lint'), args, { cwd: output, encoding: 'utf8' })
      if (error || status !== 0) throw new Error(`cfn-lint: ${error?.message ?? `${stdout}${stderr}`}`)
      return templates.join(', ')
    },
  }
}
