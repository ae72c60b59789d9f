import { AwsError } from '../aws-error.ts'
import { sleep, systemClock } from '../clock.ts'
import type { Handle, Identity } from '../service.ts'
import { type TableProperties, type WantedTable, wantedTable } from './cloudformation-table.ts'
import type { Call, DynamoDb, ProvidedTable } from './contract.ts'
import { asAwsError, errorIn } from './errors.ts'
import { refuse } from './protocol.ts'
import { refuseOtherKey, sameIndexes } from './provide-table.ts'
import { openRemoteCursor } from './remote-cursor.ts'
import type { TableDescription } from './table.ts'

export interface RemoteSettings {
  identity: Identity
  remoteUrl: string
}

const streamOperations = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords']

/** Another DynamoDB behind the same interface: everything goes there, its streams are polled. */
export function createRemote({ identity, remoteUrl }: RemoteSettings): DynamoDb {
  const send = sender(remoteUrl, identity.region)
  const call: Call = async (operation, input) => {
    const service = streamOperations.includes(operation) ? 'DynamoDBStreams' : 'DynamoDB'
    const answer = await send(`${service}_20120810.${operation}`, JSON.stringify(input))
    const output = JSON.parse(answer.body.toString())
    if (answer.status < 300) return output
    throw errorIn(output, answer.status)
  }
  const handle: Handle = async ({ headers }, response, body) => {
    try {
      const answer = await send(String(headers['x-amz-target']), body)
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
    } catch (error) {
      refuse(response, asAwsError(error))
    }
  }
  const closing = new AbortController()
  return {
    call,
    handle,
    createTable: (properties) => provideRemoteTable(call, remoteUrl, properties),
    openStream: (streamArn, start) => openRemoteCursor(call, streamArn, start, closing.signal, identity.region),
    close: async () => closing.abort(),
  }
}

function sender(remoteUrl: string, region: string) {
  // DynamoDB Local keeps tables apart by access key and region, and does not check signatures. With one key for all, the
  // local cloud and every client of it see the same tables, whatever credentials they have.
  const credential = `local/20260101/${region}/dynamodb/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=none`
  return async (target: string, body: string | Buffer) => {
    const headers = {
      authorization,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`,
      'x-amz-target': target,
    }
    const response = await fetch(remoteUrl, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) }).catch(
      (cause: Error) => {
        const reason = (cause.cause as Error | undefined)?.message || cause.message
        throw new Error(
          `The DynamoDB at ${remoteUrl} does not answer (${reason}): start it, or leave the URL out to use the embedded one`,
          { cause },
        )
      },
    )
    const kept = ['content-type', 'x-amz-crc32', 'x-amzn-requestid']
    return {
      status: response.status,
      headers: Object.fromEntries([...response.headers].filter(([name]) => kept.includes(name))),
      body: Buffer.from(await response.arrayBuffer()),
    }
  }
}

async function provideRemoteTable(call: Call, url: string, properties: TableProperties): Promise<ProvidedTable> {
  const wanted = wantedTable(properties)
  const { TableName } = wanted.create
  const existing = await find(call, TableName)
  if (existing) refuseOtherTable(existing, wanted, url)
  else await call('CreateTable', { ...wanted.create })
  const table = await active(call, TableName)
  const { TimeToLiveDescription: timeToLive } = await call('DescribeTimeToLive', { TableName })
  const { timeToLiveAttribute } = wanted
  if (timeToLiveAttribute && (timeToLive as { AttributeName?: string })?.AttributeName !== timeToLiveAttribute) {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: timeToLiveAttribute }
    await call('UpdateTimeToLive', { TableName, TimeToLiveSpecification })
  }
  const streamArn = table.StreamSpecification && table.LatestStreamArn
  return { tableName: TableName, tableArn: table.TableArn, ...(streamArn && { streamArn }) }
}

async function find(call: Call, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await call('DescribeTable', { TableName })).Table as TableDescription
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** Waits on real time: the other server knows nothing of the local clock. */
async function active(call: Call, TableName: string): Promise<TableDescription> {
  for (;;) {
    const table = await find(call, TableName)
    if (table?.TableStatus === 'ACTIVE') return table
    await sleep(systemClock, 200)
  }
}

function refuseOtherTable(existing: TableDescription, { create }: WantedTable, url: string): void {
  const wayOut = `delete it there (aws dynamodb delete-table --table-name ${create.TableName} --endpoint-url ${url})`
  refuseOtherKey(existing, create, `on ${url}`, wayOut)
  const has = existing.StreamSpecification?.StreamViewType
  const wants = create.StreamSpecification?.StreamViewType
  if (sameIndexes(existing, create) && has === wants) return
  throw new Error(
    `Table ${create.TableName} on ${url} has other indexes or another stream (${has ?? 'none'}) than the template wants ` +
      `(${wants ?? 'none'}): ${wayOut}`,
  )
}
