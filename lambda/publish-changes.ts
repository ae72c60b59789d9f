import { createMutate } from '../engine/push/mutations.ts'
import { systemClock } from '../sdk/clock.ts'
import { log } from './log.ts'
import { publishRecords } from './publish-records.ts'
import { publishSettings } from './settings.ts'

const mutate = createMutate(publishSettings(process.env))

/** Reads the table's stream and pushes each change of a job to its subscribers. */
export const handler = publishRecords({ mutate, clock: systemClock, random: Math.random, log })
