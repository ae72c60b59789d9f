import { fork } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { openLoad } from './load.ts'

// npm run bench:local prints one JSON object: how fast the local cloud takes a job from the mutation to the pushed end.

const JOBS = 1000
const AT_A_TIME = 16
const MODEL_JOBS = 200
const MODEL_MS = 1000

interface Ready {
  outputs: Record<string, string>
  token: string
}

const child = fork(join(import.meta.dirname, 'cloud.ts'), [String(MODEL_MS)], { stdio: 'inherit' })
const { outputs, token } = await new Promise<Ready>((resolve, reject) => {
  child.once('message', (message) => resolve(message as Ready))
  child.once('exit', (code) => reject(new Error(`the local cloud ended with ${code} before it was ready`)))
})
const load = await openLoad(outputs.GraphQLUrl as string, token)

for (let n = 0; n < 300; n += 1) await load.run('nothing', n)
const idle = await oneAfterAnother(200)
const burst = await manyAtATime(JOBS, AT_A_TIME)
const model = await allAtOnce(MODEL_JOBS)
console.log(JSON.stringify({ cpus: cpus().length, node: process.version, idle, burst, model }, null, 2))
load.close()
child.disconnect()

/** One no-op job after the other, nothing else going on. */
async function oneAfterAnother(jobs: number) {
  const times: number[] = []
  for (let n = 0; n < jobs; n += 1) times.push(await load.run('nothing', n))
  return { jobs, ...spread(times) }
}

/** No-op jobs, so many at a time: whoever is done submits the next. */
async function manyAtATime(jobs: number, atATime: number) {
  const times: number[] = []
  let next = 0
  const began = performance.now()
  const submitter = async () => {
    while (next < jobs) {
      next += 1
      times.push(await load.run('nothing', next))
    }
  }
  await Promise.all(Array.from({ length: atATime }, submitter))
  const seconds = (performance.now() - began) / 1000
  return { jobs, atATime, jobsPerSecond: Math.round(jobs / seconds), ...spread(times) }
}

/** Jobs whose one model call takes a second, submitted together. */
async function allAtOnce(jobs: number) {
  const began = performance.now()
  const times = await Promise.all(Array.from({ length: jobs }, (_, n) => load.run('askOnce', n)))
  return { jobs, modelMs: MODEL_MS, allDoneMs: Math.round(performance.now() - began), ...spread(times) }
}

function spread(times: number[]) {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] as number).toFixed(1))
  return { medianMs: at(0.5), p95Ms: at(0.95) }
}
