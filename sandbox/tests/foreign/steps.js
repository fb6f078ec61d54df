// What the JavaScript clients share: the sandbox's settings, a receiver of notifications, lines of results.
'use strict';
const fs = require('fs'), http = require('http'), https = require('https'), crypto = require('crypto');

const conf = JSON.parse(fs.readFileSync(process.env.CONF));
const file = (name) => fs.readFileSync(conf.files[name]);
const number = (prefix) => prefix + crypto.randomBytes(8).toString('hex');
const line = (text) => String(text).replace(/[\t\n]/g, ' ').slice(0, 400);

/** Runs one step, and prints its line. */
async function step(what, action) {
  try {
    const value = await action();
    if (value === undefined) throw new Error('the response lacks it');
    console.log(['ok', what, line(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200)].join('\t'));
    return value;
  } catch (error) {
    const body = error.response && error.response.data;
    const detail = body ? (Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body)) : '';
    console.log(['failed', what, line(`${error.code || error.name}: ${error.message} ${detail}`)].join('\t'));
    return undefined;
  }
}

function control(path, body = {}) {
  const tls = conf.url.startsWith('https');
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, ...(tls && { ca: file('ca') }) };
    const request = (tls ? https : http).request(`${conf.url}/control/${path}`, options, (response) => {
      let text = '';
      response.on('data', (data) => { text += data; }).on('end', () => (
        response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    request.on('error', reject).end(JSON.stringify(body));
  });
}

/** Receives notifications; `accept(path, headers, body)` is the client's own code. */
async function receiver(accept, success = '{"code":"SUCCESS"}') {
  const got = {};
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (data) => parts.push(data)).on('end', async () => {
      try {
        got[request.url] = await accept(request.url, request.headers, Buffer.concat(parts).toString());
        response.end(success);
      } catch (error) {
        got[request.url] = error;
        response.writeHead(401).end();
      }
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const wait = async (path) => {
    for (let i = 0; i < 100 && !(path in got); i += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    if (!(path in got)) throw new Error('no notification came within 5 s');
    if (got[path] instanceof Error) throw got[path];
    return got[path];
  };
  return { url: `http://127.0.0.1:${server.address().port}`, wait };
}

/** The error that a call ends with. */
async function wrong(call) {
  let response;
  try { response = await call(); } catch (error) {
    return error.response ? `${error.response.status} ${JSON.stringify(error.response.data)}` : error.message;
  }
  throw new Error(`accepted: ${JSON.stringify(response && response.data)}`);
}

module.exports = {
  conf, file, number, step, control, receiver, wrong, mode: process.env.MODE,
  openid: 'oSB0sandboxpayer00000000000000', today: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10),
};
