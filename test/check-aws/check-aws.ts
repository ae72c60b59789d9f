import { parseArgs } from 'node:util'
import { connect } from '../../cli/doctor/aws.ts'
import { type Check, examine, finding } from '../../cli/doctor/examine.ts'
import { printCheck } from '../../cli/doctor/print-check.ts'
import { exitOnError } from '../../cli/exit-on-error.ts'
import { DEFAULT_MODEL_ID } from '../../lib/model-access.ts'
import { readDeployedCode } from './deployed-code.ts'
import { checkPlanDay } from './plan-day-check.ts'
import { checkResolver } from './resolver-check.ts'
import { checkSchema } from './schema-check.ts'

const USAGE = `npm run check:aws -- [options]

  What only AWS itself can say of this stack, before anything is deployed: the doctor's checks, each resolver's code in
  AppSync's own runtime, the schema on a throw-away API (with a throw-away user pool, both deleted again), and the agent
  planDay on the model. Some minutes, and a cent or two for the model.

  --region <name>    default: AWS_REGION, or that of the profile
  --profile <name>   of your AWS configuration
  --model <id>       the stack's modelId (default ${DEFAULT_MODEL_ID})
  --endpoint <url>   where AWS is, for an emulator; NODE_EXTRA_CA_CERTS names the certificate that it is to be trusted by

  Exit code 0 when all is well, 1 when not. Asked of AWS beyond what the doctor asks: appsync:EvaluateCode,
  CreateGraphqlApi, StartSchemaCreation, GetSchemaCreationStatus, DeleteGraphqlApi, cognito-idp:CreateUserPool, DeleteUserPool.
`

await exitOnError(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      region: { type: 'string' },
      profile: { type: 'string' },
      model: { type: 'string', default: DEFAULT_MODEL_ID },
      endpoint: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  let ok = true
  const say = (check: Check) => {
    printCheck(check)
    ok &&= check.ok
    return check.ok
  }
  const { model } = values
  for await (const check of examine({ ...values, maxConcurrency: 2 })) {
    const isNeeded = ['region', 'credentials'].includes(check.check)
    // Without these, nothing else would be answered.
    if (!say(check) && isNeeded) process.exit(1)
  }
  const aws = await connect(values)
  const { codes, schema } = await readDeployedCode()
  for (const [address, code] of codes) say(await finding(address, () => checkResolver(aws, address, code)))
  say(await finding('schema', () => undisturbed((signal) => checkSchema(aws, schema, signal))))
  say(await finding('planDay', () => checkPlanDay(aws, model)))
  process.exitCode = ok ? 0 : 1
})

/** A Ctrl-C ends the check by its signal, so that it still clears away what it made, and then the program. */
async function undisturbed<T>(check: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const end = () => stop.abort(new Error('stopped'))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end)
  const found = await check(stop.signal)
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end)
  if (stop.signal.aborted) process.exit(1)
  return found
}
