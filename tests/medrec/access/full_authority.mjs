// A certified authority (panva's oidc-provider) with the profile that HelseID follows, for development and tests only.
// Reads its settings as JSON from the first argument; prints its port when it listens. Whoever comes is signed in as `person`.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: told.keys },
    clients: [{
      client_id: told.client_id,
      redirect_uris: [told.redirect_uri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'PS256',
      id_token_signed_response_alg: 'PS256',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      jwks: { keys: [told.client_key] },
    }],
    findAccount: async () => ({ accountId: 'somebody', claims: async () => ({ sub: 'somebody', ...told.person }) }),
    claims: { openid: ['sub', ...Object.keys(told.person)] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['PS256'], clientAuthSigningAlgValues: ['PS256'] },
    cookies: { keys: ['of this test only'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
      fapi: { enabled: true, profile: '2.0' },
    },
    interactions: { url: (_ctx, interaction) => `/let-in/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: told.client_id, accountId: 'somebody' });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  });
  const handle = provider.callback();
  server.on('request', async (req, res) => {
    if (!req.url.startsWith('/let-in/')) return handle(req, res);
    return provider.interactionFinished(req, res, { login: { accountId: 'somebody' } });
  });
  console.log(server.address().port);
});
