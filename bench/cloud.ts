import { delayed } from '@agent-jobs/local-cloud/bedrock'
import { offlineModel } from '../local/offline-model.ts'
import { startLocal } from '../local/start-local.ts'

// The stack under test, in a process of its own, so that the load generator does not share its event loop.
const modelMs = Number(process.argv[2])
const cloud = await startLocal({ agents: 'bench/agents.ts', model: delayed(offlineModel({ paceMs: 0 }), modelMs) })
// An admin, whose jobs nobody counts.
process.send?.({ outputs: cloud.outputs, token: await cloud.token('admin') })
process.once('disconnect', () => void cloud.close().then(() => process.exit(0)))
