import { systemClock } from '../engine/clock.ts'
import { createMutate, withRetries } from '../engine/push/mutations.ts'
import { log } from './log.ts'
import { createPublishChanges } from './publish-records.ts'
import { publishSettings } from './settings.ts'

// A few quick tries here spare the whole shard a restart.
const mutate = withRetries(createMutate(publishSettings(process.env), process.env), { clock: systemClock, tries: 4 })

/** Reads the table's stream and pushes each change of a job to its subscribers. */
export const handler = createPublishChanges({ mutate, log })
