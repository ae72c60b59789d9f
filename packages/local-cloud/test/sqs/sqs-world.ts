import {
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { onTestFinished } from 'vitest'
import { createSqs } from '../../src/sqs/sqs.ts'
import { IDENTITY, serve } from '../open-service.ts'
import { WatchedClock } from '../watched-clock.ts'

/** One queue with `properties` as in a template, on a clock that the test moves. */
export async function startSqs(properties: Record<string, unknown> = {}) {
  const clock = new WatchedClock()
  let url = ''
  const sqs = await createSqs({ clock, identity: IDENTITY, baseUrl: () => url })
  onTestFinished(() => sqs.close())
  const settings = await serve(sqs.handle)
  url = settings.endpoint
  const client = new SQSClient(settings)
  const name = properties.FifoQueue ? 'orders.fifo' : 'orders'
  const { queueUrl: QueueUrl, queueArn } = await sqs.createQueue({ QueueName: name, ...properties })
  const receive = async (input: Partial<ReceiveMessageCommandInput> = {}, abortSignal?: AbortSignal) => {
    const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], ...input }
    return (await client.send(new ReceiveMessageCommand(asked), { abortSignal })).Messages ?? []
  }
  const bodies = async () => (await receive()).map(({ Body }) => Body)
  const send = (MessageBody: string, input = {}) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...input }))
  return { clock, sqs, client, QueueUrl, queueArn, receive, bodies, send }
}
