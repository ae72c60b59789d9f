/** A promise and what settles it, for whoever waits for something that another part of the program does. */
export interface Deferred {
  promise: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/** As Promise.withResolvers, which Node has from 22 on. */
export function deferred(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...(settle as Pick<Deferred, 'resolve' | 'reject'>) }
}
