import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Range } from '../../src/dynamodb/dynalite.ts'
import { OrderedMap } from '../../src/dynamodb/ordered-map.ts'

const key = fc.integer({ min: 0, max: 1_999 }).map((n) => String(n).padStart(4, '0'))
const write = fc.tuple(key, fc.boolean())
const range = fc.record(
  {
    from: fc.tuple(fc.constantFrom('gt', 'gte'), key),
    to: fc.tuple(fc.constantFrom('lt', 'lte'), key),
    reverse: fc.boolean(),
    limit: fc.integer({ min: -1, max: 50 }),
  },
  { requiredKeys: [] },
)

test('reads every range as a sorted list would, however it was filled and emptied', () => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 900, maxLength: 3_000 }), fc.array(range), (writes, ranges) => {
      const map = new OrderedMap<string>()
      const expected = new Map<string, string>()
      for (const [index, [name, keep]] of writes.entries()) {
        // Mostly filling, so that the keys spread over several chunks.
        if (keep || index % 3) {
          map.set(name, `${name} ${index}`)
          expected.set(name, `${name} ${index}`)
        } else {
          map.delete(name)
          expected.delete(name)
        }
      }
      expect(map.size).toBe(expected.size)
      for (const { from, to, reverse = false, limit = -1 } of [{}, ...ranges]) {
        const bounds: Range = { ...(from && { [from[0]]: from[1] }), ...(to && { [to[0]]: to[1] }), reverse, limit }
        const { gt, gte, lt, lte } = bounds
        const inside = [...expected.keys()]
          .sort()
          .filter(
            (name) =>
              (gt === undefined || name > gt) &&
              (gte === undefined || name >= gte) &&
              (lt === undefined || name < lt) &&
              (lte === undefined || name <= lte),
          )
        if (reverse) inside.reverse()
        const wanted = limit < 0 ? inside : inside.slice(0, limit)
        expect([...map.values(bounds)]).toEqual(wanted.map((name) => expected.get(name)))
      }
    }),
    { numRuns: 50 },
  )
})
