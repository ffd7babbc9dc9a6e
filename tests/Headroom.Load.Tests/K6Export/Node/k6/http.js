// Requests are sent by a thread of their own, so that they block here as they do in k6.
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

const signal = new Int32Array(new SharedArrayBuffer(4));
const { port1, port2 } = new MessageChannel();
const sender = new Worker(new URL('./sender.js', import.meta.url), { workerData: { signal, port: port2 }, transferList: [port2] });
sender.unref();

class CookieJar {}

function request(method, url, body, parameters = {}) {
  if (typeof url !== 'string' || !(body === null || typeof body === 'string' || body instanceof ArrayBuffer)) throw new TypeError(`http.request(${method}, ${url})`);
  if (!(parameters.jar instanceof CookieJar)) throw new TypeError('this stub keeps no cookies');
  Atomics.store(signal, 0, 0);
  port1.postMessage({ method, url, body, headers: parameters.headers || {} });
  Atomics.wait(signal, 0, 0, 30_000);
  const answer = receiveMessageOnPort(port1);
  if (!answer) throw new Error(`no answer of ${url}`);
  const { status, headers, bytes } = answer.message;
  const bodies = { text: () => Buffer.from(bytes).toString('utf8'), binary: () => Uint8Array.from(bytes).buffer, undefined: () => null };
  return { status, headers, body: status === 0 ? null : bodies[parameters.responseType](), timings: { duration: 1 } };
}

export default { request, CookieJar };
