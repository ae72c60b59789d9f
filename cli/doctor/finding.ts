/** What a check found, and when it is not as it must be, the way out. */
export interface Finding {
  ok: boolean
  came: string
  wayOut?: string
}

export function fine(came: string): Finding {
  return { ok: true, came }
}

export function wrong(came: string, wayOut: string): Finding {
  return { ok: false, came, wayOut }
}
