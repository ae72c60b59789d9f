/** Whether the day that the text begins with exists: Java, under AppSync, takes no 30th of February for the 2nd of March. */
export function isOnCalendar(text: string): boolean {
  const [, year, month, day] = /^(-?\d{4,})-(\d{2})-(\d{2})/.exec(text) ?? []
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
