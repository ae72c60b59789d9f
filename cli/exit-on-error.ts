import { inspect } from 'node:util'
import pc from 'picocolors'

/**
 * Runs a command; what it throws becomes one line on the terminal and exit code 1. `DEBUG=1` shows the stack, and an option
 * that does not exist shows those that do.
 */
export async function exitOnError(usage: string, command: () => Promise<unknown>): Promise<void> {
  try {
    await command()
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    console.error(`${pc.red('error')} ${process.env.DEBUG ? inspect(error) : message}`)
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) console.error(`\n${usage}`)
    process.exit(1)
  }
}
