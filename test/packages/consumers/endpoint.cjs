// As much of Bedrock as answers a request of each kind, and keeps what of it is about attribution.
const { createServer } = require('node:http');
const { NodeHttpHandler } = require('@smithy/node-http-handler');

/** Starts an endpoint on a free port of this machine. */
exports.listen = async () => {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { requestMetadata } = JSON.parse(body === '' ? '{}' : body);
    const header = request.headers['x-amzn-bedrock-request-metadata'];
    const [, signedHeaders = ''] = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '') ?? [];
    requests.push({ path: decodeURIComponent(request.url), requestMetadata, header, isHeaderSigned: signedHeaders.includes('x-amzn-bedrock-request-metadata') });
    response.setHeader('content-type', 'application/json').end(JSON.stringify({
      output: { message: { role: 'assistant', content: [{ text: 'hello' }] } }, stopReason: 'end_turn', usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    }));
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** What a client of that endpoint is made with. */
exports.clientOptions = endpoint => ({
  endpoint, region: 'us-east-1', credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }, requestHandler: new NodeHttpHandler(),
});
