import pc from 'picocolors'
import { type FakeModel, startFakeModel } from './fake-model.ts'
import { LEFT_OUT } from './left-out.ts'
import { type MiniStack, ROOT_CREDENTIALS, startMiniStack, tail } from './ministack.ts'
import { installPythonTools, type PythonTool } from './python-tools.ts'
import type { Target } from './target.ts'

export const COSTS = `  On AWS itself a run takes some 20 minutes and costs well under a dollar: four model calls, three deploys' worth of
  queues, alarms and functions for minutes, all of it deleted at the end.`

export interface WorldOptions {
  endpoint?: string
  ca?: string
  account?: string
  region: string
  profile?: string
  /** A model's id, or `fake`. */
  model?: string
  modelHost: string
}

/** Where the proof runs, with what it started for it. */
export interface World {
  target: Target
  /** Goes to the CDK app in each deploy. */
  context: Record<string, string | undefined>
  /** Only where MiniStack is ours: who brings an endpoint need have no Python. */
  python?: PythonTool
  /** Nothing that is deployed outlives this run. */
  isThrownAway: boolean
  /** Says what else is known when a step failed. */
  explain(): void
  close(): Promise<void>
}

export async function openWorld(options: WorldOptions, folder: string): Promise<World> {
  checkOptions(options)
  const { account, ca, endpoint, model, modelHost, profile, region } = options
  const isOurs = endpoint === undefined && account === undefined
  const python = isOurs ? installPythonTools(folder) : undefined
  const ministack = python && (await startMiniStack(python('ministack'), folder, region))
  const isFake = model === 'fake' || (model === undefined && account === undefined)
  const fake = isFake ? await startFakeModel(modelHost) : undefined
  const modelId = isFake ? undefined : model
  announce(options, ministack, fake, modelId)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = ROOT_CREDENTIALS
  return {
    target: ministack
      ? { region, endpoint: ministack.url, ca: ministack.ca, credentials: { accessKeyId, secretAccessKey } }
      : { region, endpoint, ca, profile },
    context: { account, region: account && region, modelId, modelUrl: fake?.url, emulator: ministack && 'ministack' },
    python,
    isThrownAway: isOurs,
    explain: () => {
      if (ministack) console.error(`\nthe end of ${ministack.log}:\n${tail(ministack.log)}\n`)
    },
    close: async () => {
      fake?.close()
      await ministack?.stop()
    },
  }
}

function checkOptions({ account, ca, endpoint, model }: WorldOptions): void {
  if (account !== undefined && endpoint !== undefined) {
    throw new Error('--account is AWS itself and --endpoint an emulator: give one of them')
  }
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new Error(`--account must be the twelve digits of an AWS account, got ${account}`)
  }
  if (account !== undefined && model === 'fake') {
    throw new Error('--model fake is a server on this machine, which functions on AWS cannot reach: leave it out')
  }
  if (ca !== undefined && endpoint === undefined) throw new Error('--ca goes with --endpoint')
}

function announce(options: WorldOptions, ministack?: MiniStack, fake?: FakeModel, modelId?: string): void {
  const { account, endpoint, region } = options
  if (account) console.log(`on AWS, account ${account}, ${region}\n${pc.yellow(COSTS)}\n`)
  else console.log(`on ${ministack ? `MiniStack at ${ministack.url}` : endpoint}, ${region}`)
  console.log(fake ? `the model is a fake one, at ${fake.url}` : `the model is ${modelId ?? "the stack's own"}`)
  if (!ministack) return
  console.log('MiniStack lacks something of AWS; for it alone,')
  for (const { what, why } of LEFT_OUT) console.log(`  - ${what}: ${why}`)
  console.log()
}
