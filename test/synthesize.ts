import { synthesize } from '@agent-jobs/local-cloud/cloudformation'
import { localApp } from '../local/start-local.ts'

await synthesize(localApp())
