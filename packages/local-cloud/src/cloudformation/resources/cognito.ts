import { createHash } from 'node:crypto'
import type { Deployer } from '../resource.ts'

/** A pool id in Cognito's form, the same at every start so that tokens stay good. */
const poolId = (region: string, physicalName: string) =>
  `${region}_${createHash('sha256').update(physicalName).digest('base64url').replace(/[-_]/g, 'x').slice(0, 9)}`

const userPool: Deployer = async ({ physicalName, services: { cognito, identity } }) => {
  const id = poolId(identity.region, physicalName)
  cognito.createUserPool({ id, groups: [] })
  const providerName = `cognito-idp.${identity.region}.amazonaws.com/${id}`
  return {
    ref: id,
    attributes: {
      Arn: `arn:aws:cognito-idp:${identity.region}:${identity.accountId}:userpool/${id}`,
      ProviderName: providerName,
      ProviderURL: `https://${providerName}`,
      UserPoolId: id,
    },
  }
}

const userPoolClient: Deployer = async ({ physicalName }) => {
  const id = createHash('sha256').update(physicalName).digest('hex').slice(0, 26)
  return { ref: id, attributes: { ClientId: id } }
}

const userPoolGroup: Deployer = async ({ properties }) => ({ ref: String(properties.GroupName) })

export const cognitoResources: Record<string, Deployer> = {
  'AWS::Cognito::UserPool': userPool,
  'AWS::Cognito::UserPoolClient': userPoolClient,
  'AWS::Cognito::UserPoolGroup': userPoolGroup,
}
