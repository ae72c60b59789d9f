/** One thing that is shown, in one line: its name, and what else was found out. */
export interface Step {
  name: string
  run(): Promise<string | undefined>
}

/** Tells of each step in a line with its time; the first that fails is the last. */
export async function runSteps(steps: Step[], say: (line: string) => void, signal: AbortSignal): Promise<void> {
  // A step that waits for a row need not end before the proof does.
  const stopped = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  for (const { name, run } of steps) {
    signal.throwIfAborted()
    const started = Date.now()
    const seconds = () => `${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s`
    try {
      const found = await Promise.race([run(), stopped])
      say(`✓ ${seconds()}  ${name}${found ? `: ${found}` : ''}`)
    } catch (error) {
      say(`✗ ${seconds()}  ${name}`)
      throw error
    }
  }
}
