import { DeleteUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider'
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { DeleteBucketCommand, DeleteObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import type { DeployedStack } from './deployed-stack.ts'
import type { Clients } from './target.ts'

/** What a destroyed stack leaves behind on purpose: its tables, its bucket and its user pool. */
export class Leftovers {
  private readonly tables = new Set<string>()
  private readonly buckets = new Set<string>()
  private readonly userPools = new Set<string>()

  addAll(stack: DeployedStack): void {
    this.tables.add(stack.jobTable).add(stack.output('AgentJobEventTableName'))
    this.buckets.add(stack.output('ResultBucketName'))
    this.userPools.add(stack.output('UserPoolId'))
  }

  /** Deletes what is still there; tells what could not be deleted, for somebody to do it by hand. */
  async remove(clients: Clients): Promise<string[]> {
    const { cognito, dynamodb, s3 } = clients
    return [
      ...(await removeEach('table', this.tables, (TableName) => dynamodb.send(new DeleteTableCommand({ TableName })))),
      ...(await removeEach('bucket', this.buckets, async (Bucket) => {
        for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
          for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }))
        }
        await s3.send(new DeleteBucketCommand({ Bucket }))
      })),
      ...(await removeEach('user pool', this.userPools, (UserPoolId) =>
        cognito.send(new DeleteUserPoolCommand({ UserPoolId })),
      )),
    ]
  }
}

async function removeEach(kind: string, names: Set<string>, remove: (name: string) => Promise<unknown>) {
  const left: string[] = []
  for (const name of names) {
    try {
      await remove(name)
    } catch (error) {
      if (/^(ResourceNotFoundException|NoSuchBucket)$/.test((error as Error).name)) continue
      left.push(`${kind} ${name}: ${(error as Error).message}`)
    }
  }
  return left
}
