import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineAgent } from 'agent-jobs'
import pg from 'pg'
import { WebSocketServer } from 'ws'
import * as z from 'zod'

// An ES module may make these for itself.
const require = createRequire(import.meta.url)
const __filename = fileURLToPath(import.meta.url)

/** An agent of the packages that most server code uses: it asks both of them for something as it loads. */
const pool = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' })
if (pg.escapeIdentifier('a') !== '"a"' || pool.totalCount !== 0) throw new Error('pg does not work')
if (new WebSocketServer({ noServer: true }).clients.size !== 0) throw new Error('ws does not work')
if (require('node:path').sep.length !== 1 || !__filename) throw new Error('an own require does not work')

const ask = defineAgent({ name: 'ask', input: z.object({}), output: z.object({}), run: () => ({}) })

export const agents = { ask }
