import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

const dynamodb = new DynamoDBClient({})

export async function handler({ Records }) {
  for (const { body } of Records) {
    const Item = { id: { S: body }, stage: { S: process.env.STAGE } }
    await dynamodb.send(new PutItemCommand({ TableName: process.env.TABLE, Item }))
  }
}
