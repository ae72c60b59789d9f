import { join } from 'node:path'
import { synthesize } from '../local/cloudformation/synthesize.ts'

/** Synthesizes before the test files run, so that none of them waits for another's synthesis. */
export default async function setup(): Promise<void> {
  const project = join(import.meta.dirname, '..')
  await synthesize({ project, cache: join(project, '.local', 'synth') })
}
