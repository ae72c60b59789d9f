/** What the engine says while it works. What a line is about goes with the line; never an event's or a job's data. */
export interface Log {
  debug(message: string, ...about: Record<string, unknown>[]): void
  info(message: string, ...about: Record<string, unknown>[]): void
  warn(message: string, ...about: Record<string, unknown>[]): void
  error(message: string, ...about: Record<string, unknown>[]): void
}
