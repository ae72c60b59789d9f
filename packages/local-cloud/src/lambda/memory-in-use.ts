import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MB = 1024 * 1024
let collectGarbage: (() => void) | undefined

/** Megabytes that this thread uses, heap and buffers. Above `limitMb` garbage does not count, so it is collected first. */
export function memoryInUse(limitMb: number): number {
  const before = used()
  if (before <= limitMb) return before
  if (!collectGarbage) {
    setFlagsFromString('--expose-gc')
    collectGarbage = runInNewContext('gc') as () => void
  }
  collectGarbage()
  return used()
}

function used(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return (used_heap_size + external_memory) / MB
}
