import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 250

/** Asks again and again until there is an answer that is not false or undefined; throws, with the last one, after `seconds`. */
export async function poll<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | false | undefined>,
  describe: () => string = () => '',
): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}${describe()}`)
    await sleep(EVERY_MS)
  }
}
