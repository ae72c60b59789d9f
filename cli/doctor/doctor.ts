import { parseArgs } from 'node:util'
import { exitOnError } from '../exit-on-error.ts'
import type { Check } from './examine.ts'
import { examine } from './examine.ts'
import { printCheck } from './print-check.ts'

/** That of the stack, lib/model-access.ts; a test holds the two together. */
const MODEL = 'global.anthropic.claude-haiku-5-5'

const USAGE = `agent-jobs doctor [options]

  Checks, before anything is deployed, what a deploy and its first job need of your AWS account: region, credentials, CDK's
  bootstrap, concurrent Lambdas, the model, and one tiny call of it (a fraction of a cent). It changes nothing.

  --region <name>           default: AWS_REGION, or that of the profile
  --profile <name>          of your AWS configuration
  --model <id>              the stack's modelId (default ${MODEL})
  --max-concurrency <n>     the stack's maxConcurrency (default 2)
  --endpoint <url>          where AWS is, for an emulator
  --json                    print one JSON object instead of lines

  Exit code 0 when all is well, 1 when not. What is asked of AWS: sts:GetCallerIdentity, ssm:GetParameter,
  lambda:GetAccountSettings, bedrock:GetFoundationModelAvailability, bedrock:GetInferenceProfile,
  bedrock:InvokeModelWithResponseStream.
`

await exitOnError(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      region: { type: 'string' },
      profile: { type: 'string' },
      model: { type: 'string', default: MODEL },
      'max-concurrency': { type: 'string', default: '2' },
      endpoint: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const { region, profile, endpoint, model } = values
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw new Error(`--endpoint must be a URL such as http://127.0.0.1:4566, got ${endpoint}`)
  }
  const maxConcurrency = Number(values['max-concurrency'])
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 2 || maxConcurrency > 1000) {
    throw new Error(`--max-concurrency must be a whole number from 2 to 1000, got ${values['max-concurrency']}`)
  }
  const checks: Check[] = []
  for await (const check of examine({ region, profile, endpoint, model, maxConcurrency })) {
    checks.push(check)
    if (!values.json) printCheck(check)
  }
  const ok = checks.every((check) => check.ok)
  if (values.json) console.log(JSON.stringify({ ok, checks }, null, 2))
  process.exitCode = ok ? 0 : 1
})
