/** The values that one field of a cron expression allows; undefined when it is not well formed. */
export function parseField(text: string, least: number, most: number, names: string[] = []): Set<number> | undefined {
  const values = new Set<number>()
  const numberOf = (part: string) => {
    const named = names.indexOf(part.toUpperCase())
    return named >= 0 ? named + least : /^\d+$/.test(part) ? Number(part) : Number.NaN
  }
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/')
    const [first = '', last] = range.split('-')
    const from = range === '*' || range === '?' ? least : numberOf(first)
    const to =
      range === '*' || range === '?' || (step !== undefined && last === undefined) ? most : numberOf(last ?? first)
    const by = step === undefined ? 1 : Number(step)
    if (!(from >= least && to <= most && from <= to && Number.isInteger(by) && by > 0)) return undefined
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}
