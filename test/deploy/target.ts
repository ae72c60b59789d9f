import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** Where the proof deploys to: an emulator, ours or a running one, or AWS. */
export interface Target {
  region: string
  /** Of an emulator; AWS's own endpoints when left out. */
  endpoint?: string
  /** A certificate that the endpoint is to be trusted by. */
  ca?: string
  profile?: string
  /** By which an emulator lets us in. */
  credentials?: { accessKeyId: string; secretAccessKey: string }
}

export interface Clients {
  cognito: CognitoIdentityProviderClient
  documents: DynamoDBDocumentClient
  dynamodb: DynamoDBClient
  lambda: LambdaClient
  s3: S3Client
  sqs: SQSClient
}

/** What the CDK's and our own commands are to find in their environment. */
export function environmentOf({ ca, credentials, endpoint, profile, region }: Target): NodeJS.ProcessEnv {
  return {
    ...process.env,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    ...(profile && { AWS_PROFILE: profile }),
    ...(endpoint && { AWS_ENDPOINT_URL: endpoint }),
    ...(ca && { NODE_EXTRA_CA_CERTS: ca, AWS_CA_BUNDLE: ca }),
    ...(credentials && {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }),
  }
}

export function clientsOf({ ca, credentials, endpoint, profile, region }: Target): Clients {
  const settings = {
    region,
    endpoint,
    credentials,
    profile,
    requestHandler: ca ? new NodeHttpHandler({ httpsAgent: new Agent({ ca: readFileSync(ca) }) }) : undefined,
  }
  const dynamodb = new DynamoDBClient(settings)
  return {
    cognito: new CognitoIdentityProviderClient(settings),
    dynamodb,
    documents: DynamoDBDocumentClient.from(dynamodb),
    lambda: new LambdaClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: endpoint !== undefined }),
    sqs: new SQSClient(settings),
  }
}
