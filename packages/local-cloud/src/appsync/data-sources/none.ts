import type { DataSource } from './data-source.ts'

/** The NONE data source: the payload is the result. */
export const none: DataSource = (request) => (request as { payload?: unknown } | null | undefined)?.payload ?? null
