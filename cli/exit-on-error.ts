import pc from 'picocolors'

/** Runs a command; what it throws becomes one line on the terminal and exit code 1. `DEBUG=1` shows the stack. */
export async function exitOnError(command: () => Promise<unknown>): Promise<void> {
  try {
    await command()
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    console.error(`${pc.red('error')} ${process.env.DEBUG ? stack : message}`)
    process.exit(1)
  }
}
