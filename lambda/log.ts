import { Logger } from '@aws-lambda-powertools/logger'

/**
 * The log of a function. Its level is POWERTOOLS_LOG_LEVEL, INFO unless set. What a line is about goes with the line:
 * keys kept on the logger would mix up invocations that run at the same time. Never log an event or a job's data.
 */
export const log = new Logger({ serviceName: 'agent-jobs' })

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
