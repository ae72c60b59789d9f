import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Cloud, type CloudOptions, startCloud } from '../../src/start-cloud.ts'

const APP = `"${process.execPath}" --conditions=source "${join(import.meta.dirname, 'foreign-app.ts')}"`
const sources = ['packages/local-cloud/test/start-cloud']
const start = (options: CloudOptions = {}) => startCloud({ app: APP, sources, ...options })

describe('an app of two stacks, one of them nested', () => {
  const lines: string[] = []
  let cloud: Cloud
  beforeAll(async () => {
    cloud = await start({
      parameters: { Stage: 'test' },
      context: { unknown: 'yes' },
      skipUnknown: true,
      users: [{ username: 'kim', password: 'secret' }],
      log: (source, line) => lines.push(`${source} ${line}`),
    })
  })
  afterAll(() => cloud.close())

  test('works as deployed: a message becomes a row, across stacks and a nested one', async () => {
    const settings = {
      endpoint: cloud.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }
    const { QueueUrl, TableName } = cloud.outputs
    await new SQSClient(settings).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order-1' }))
    const dynamodb = new DynamoDBClient(settings)
    await vi.waitFor(
      async () => {
        const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: 'order-1' } } }))
        expect(Item).toEqual({ id: { S: 'order-1' }, stage: { S: 'test' } })
      },
      { timeout: 20_000 },
    )
  })

  test('says what each stack puts out, nested ones too', () => {
    expect(Object.keys(cloud.stacks)).toEqual(expect.arrayContaining(['Data', 'Shop']))
    expect(Object.keys(cloud.stacks).filter((name) => /^Shop-Intake/.test(name))).toHaveLength(1)
    expect(cloud.stacks.Data?.TableName).toBe(cloud.outputs.TableName)
  })

  test('tells of each resource that it passed over, and of what has no effect here', () => {
    const passedOver = [
      /^AWS::StepFunctions::StateMachine \(Machine\)$/,
      /^AWS::Lambda::Function \(Report\w+: runtime python3\.13\)$/,
      /^AWS::Lambda::EventSourceMapping \(Report\w+: stands on what was passed over\)$/,
    ]
    expect(cloud.skipped).toEqual(passedOver.map((line) => expect.stringMatching(line)))
    expect(lines).toContain(`local passed over: ${cloud.skipped[0]}`)
    expect(cloud.notEmulated).toContain('AWS::IAM::Role')
  })
})

describe('is refused in one line, with the way out:', () => {
  test.each([
    [
      'a resource that is not emulated',
      { context: { unknown: 'yes' } },
      /does not emulate .*\(Machine\), AWS::Lambda::Function \(Report\w+: runtime python3\.13\)\. Pass over .*--skip-unknown/,
    ],
    [
      'a stack that the app does not have',
      { stacks: ['Store'] },
      /stacks must name stacks of the app: Data, Shop; got Store/,
    ],
    [
      'a stack without the one it refers to',
      { stacks: ['Shop'] },
      /Data.*: let the local cloud run the stack that has it too/,
    ],
    ['a folder that is no assembly', { app: undefined, assembly: '/nowhere' }, /\/nowhere must be a cloud assembly/],
    ['an app beside an assembly', { assembly: 'cdk.out' }, /^app goes without assembly: name the CDK app to run, or /],
    [
      'an app that fails',
      { app: 'node -e "throw new Error(42)"', context: { a: '1' } },
      /^the CDK app could not be synthesized: Error: 42 \(.* ended with 1; DEBUG=1 shows all of it\)$/,
    ],
  ])('%s', async (_what, options, message) => {
    const failure = await start(options).then(
      (cloud) => cloud.close().then(() => 'it started'),
      (error: Error) => error.message,
    )
    expect(failure).toMatch(message)
    expect(failure).not.toContain('\n')
  })
})
