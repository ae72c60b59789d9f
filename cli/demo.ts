import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AgentJob } from '@agent-jobs/client'
import { localCloud } from '@agent-jobs/client'
import { chooseModel } from '@agent-jobs/local-cloud/command'
import { Amplify } from 'aws-amplify'
import { ulid } from 'ulid'
import { offlineModel } from '../local/offline-model.ts'
import { startLocal } from '../local/start-local.ts'
import { demoScreen, jsonLines, type Screen } from './demo-screen.ts'
import { exitOnError } from './exit-on-error.ts'
import { runLive } from './live-jobs.ts'
import { amplifyOutputs } from './outputs/amplify-outputs.ts'

const EXAMPLES = join(import.meta.dirname, '..', 'examples')

const USAGE = `agent-jobs demo [options]

  --json              print one JSON line for each status change that the subscriber received, and nothing else
  --model <model>     offline (default: no language model at all), openai:<url>#<model> or bedrock:<model id>
`

await exitOnError(USAGE, async () => {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      model: { type: 'string', default: 'offline' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const model = await chooseModel(values.model, offlineModel())
  const screen = values.json ? jsonLines() : demoScreen(values.model)
  const cloud = await startLocal({ model })
  const outputs = amplifyOutputs(cloud.outputs)
  Amplify.configure(outputs, localCloud(outputs, await cloud.token('alice')))
  const jobs = await runExamples(screen)
  screen.results(jobs)
  await cloud.close()
  // Amplify keeps timers of its socket for a while; all that was asked for is done.
  process.exit(jobs.every(({ status }) => status === 'COMPLETE') ? 0 : 1)
})

/** Submits each example as its own job and resolves with how they ended. */
function runExamples(screen: Screen): Promise<AgentJob[]> {
  const examples = readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      id: ulid(),
      queryType: basename(file, '.json'),
      request: JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as unknown,
    }))
  screen.begin(examples)
  return Promise.all(examples.map((example) => runLive(example, screen)))
}
