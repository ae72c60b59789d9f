/** A frame of the client, checked. */
export type ClientFrame =
  | { type: 'connection_init' }
  | { type: 'start'; id: string; data: string; authorization: Record<string, string> }
  | { type: 'stop'; id: string }

export interface FrameError {
  errorType: string
  message: string
  errorCode?: number
}

/** A frame of ours. */
export type ServerFrame =
  | { type: 'connection_ack'; payload: { connectionTimeoutMs: number } }
  | { type: 'ka' }
  | { type: 'start_ack'; id: string }
  | { type: 'data'; id: string; payload: { data: unknown; errors?: unknown[] } }
  | { type: 'complete'; id: string }
  | { type: 'error'; id?: string; payload: { errors: unknown[] } }
  | { type: 'connection_error'; payload: { errors: FrameError[] } }

/** A frame that cannot be read; the socket stays open. */
export class BadFrame extends Error {
  readonly errorType: string
  readonly id: string | undefined

  constructor(errorType: string, message: string, id?: string) {
    super(message)
    this.errorType = errorType
    this.id = id
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const excerpt = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text)

function parse(text: string): Record<string, unknown> {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    throw new BadFrame('BadRequestException', `a frame must be a JSON object, got: ${excerpt(text)}`)
  }
  if (!isMap(frame)) throw new BadFrame('BadRequestException', `a frame must be a JSON object, got: ${excerpt(text)}`)
  return frame
}

function readStart(id: string, payload: unknown): ClientFrame {
  const data = isMap(payload) ? payload.data : undefined
  if (typeof data !== 'string') {
    const why = 'payload.data of a start frame must be a string that holds {"query", "variables"} as JSON'
    throw new BadFrame('BadRequestException', `${why}, got ${excerpt(JSON.stringify(data) ?? 'nothing')}`, id)
  }
  const extensions = (payload as Record<string, unknown>).extensions
  const authorization = isMap(extensions) && isMap(extensions.authorization) ? extensions.authorization : {}
  return { type: 'start', id, data, authorization: authorization as Record<string, string> }
}

/** Reads a frame of the client, or throws a `BadFrame` that says what is wrong with it. */
export function readFrame(text: string): ClientFrame {
  const { type, id, payload } = parse(text)
  if (type === 'connection_init') return { type }
  if (type !== 'start' && type !== 'stop') {
    const came = excerpt(JSON.stringify(type) ?? 'nothing')
    throw new BadFrame(
      'UnsupportedOperation',
      `type of a frame must be connection_init, start or stop, got ${came}`,
      typeof id === 'string' ? id : undefined,
    )
  }
  if (typeof id !== 'string' || id === '') {
    throw new BadFrame(
      'BadRequestException',
      `a ${type} frame needs an id, a string, got ${JSON.stringify(id) ?? 'nothing'}`,
    )
  }
  return type === 'stop' ? { type, id } : readStart(id, payload)
}
