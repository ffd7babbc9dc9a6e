import http from 'node:http';
import { workerData } from 'node:worker_threads';

const { signal, port } = workerData;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function answer(message) {
  port.postMessage(message);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

port.on('message', ({ method, url, body, headers }) => {
  // The address as the script made it, byte for byte.
  const [, host, port, path] = /^http:\/\/([^/:]+):(\d+)(.*)$/.exec(url);
  const sent = http.request({ agent, method, host, port, path: Buffer.from(path || '/').toString('latin1'), headers: body === null ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) } }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => {
      // As Go writes names of header fields.
      const named = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), String(value)]));
      answer({ status: response.statusCode, headers: named, bytes: Buffer.concat(chunks) });
    });
  });
  sent.on('error', (error) => answer({ status: 0, headers: {}, bytes: Buffer.from(String(error)) }));
  sent.end(body === null ? undefined : typeof body === 'string' ? body : Buffer.from(body));
});
