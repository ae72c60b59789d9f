import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from '../engine/log.ts'

/**
 * The log of a function. Its level is POWERTOOLS_LOG_LEVEL, INFO unless set. What a line is about goes with the line:
 * keys kept on the logger would mix up invocations that run at the same time.
 */
export const log: Log = new Logger({ serviceName: 'agent-jobs' })
