// npm wechatpay-node-v3: APIv3, through its hook for an own HTTP service, which maps the built-in host.
'use strict';
const crypto = require('crypto');
const WxPay = require('wechatpay-node-v3');
const { PayRequest } = require('wechatpay-node-v3/dist/lib/pay-request');
const { conf, file, number, step, control, receiver, mode, openid, today } = require('./steps');

const real = 'https://api.mch.weixin.qq.com';
class Mapped extends PayRequest {
  post(url, ...rest) { return super.post(url.replace(real, conf.url), ...rest); }
  get(url, ...rest) { return super.get(url.replace(real, conf.url), ...rest); }
  upload(url, ...rest) { return super.upload(url.replace(real, conf.url), ...rest); }
}
const client = new WxPay({
  serial_no: conf.serial_no, appid: conf.appid, mchid: conf.mchid, publicKey: file('certificate'), privateKey: file('private_key'),
  key: conf.api_v3_key });
client.createHttp(new Mapped());
// Its users add the public key so.
if (mode === 'public-key') WxPay.certificates[conf.public_key_id] = file('public_key').toString();

const well = (response, status = 200) => {
  if (response.status !== status) throw new Error(`${response.status} ${response.error}`);
  return response.data;
};
const wrong = async (call) => {
  const response = await call();
  if (response.status < 400) throw new Error('accepted');
  return `${response.status} ${response.error}`;
};

async function accept(path, headers, body) {
  const right = await client.verifySign({
    timestamp: headers['wechatpay-timestamp'], nonce: headers['wechatpay-nonce'], body, serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'], apiSecret: conf.api_v3_key });
  if (!right) throw new Error('verifySign');
  const { ciphertext, associated_data: data, nonce } = JSON.parse(body).resource;
  return client.decipher_gcm(ciphertext, data, nonce, conf.api_v3_key);
}

(async () => {
  const hook = await receiver(accept);
  const [A, B, R] = [...'ABR'].map(number);
  await step('place', async () => well(await client.transactions_jsapi({
    description: 'a thing', out_trade_no: A, notify_url: `${hook.url}/pay`, amount: { total: 100 }, payer: { openid },
    settle_info: { profit_sharing: true } })).package);
  await step('place native', async () => well(await client.transactions_native({
    description: 'a thing', out_trade_no: B, notify_url: `${hook.url}/b`, amount: { total: 1 } })).code_url);
  await step('query', async () => well(await client.query({ out_trade_no: A })).trade_state);
  await step('close', async () => { well(await client.close(B), 204); return 204; });
  await step('the payer pays', async () => (await control(`orders/${A}/pay`)).state);
  const { transaction_id: tx } = await step('query when paid', async () => well(await client.query({ out_trade_no: A }))) || {};
  await step('query by id', async () => well(await client.query({ transaction_id: tx })).trade_state);
  await step('notification of the payment', async () => (await hook.wait('/pay')).trade_state);
  await step('refund', async () => well(await client.refunds({
    out_trade_no: A, out_refund_no: R, notify_url: `${hook.url}/refund`, amount: { refund: 10, total: 100, currency: 'CNY' } })).status);
  await step('refund query', async () => well(await client.find_refunds(R)).status);
  await step('the refund arrives', async () => (await control(`refunds/${R}/success`)).state);
  await step('notification of the refund', async () => (await hook.wait('/refund')).refund_status);
  await step('trade bill', async () => {
    const told = well(await client.tradebill({ bill_date: today, bill_type: 'ALL' }));
    const text = well(await client.downloadBill(told.download_url.replace(conf.url, real)));
    return crypto.createHash('sha1').update(text).digest('hex') === told.hash_value.toLowerCase() || 1n / 0n;
  });
  let id = conf.public_key_id, key = file('public_key');
  if (mode === 'certificate') {
    await step('certificates', async () => {
      const [first] = await client.get_certificates(conf.api_v3_key);
      [id, key] = [first.serial_no, first.publicKey];
      return id;
    });
    await step('add a receiver, encrypted', async () => well(await client.profitsharing_receivers_add({
      type: 'PERSONAL_OPENID', account: openid, name: client.publicEncrypt('张三', key), relation_type: 'STAFF', wx_serial_no: id })).account);
  }
  await step('amounts', async () => well(await client.query_profitsharing_amounts(tx)).unsplit_amount);
  await step('combined', async () => well(await client.combine_transactions_native({
    combine_out_trade_no: number('C'), notify_url: `${hook.url}/c`, sub_orders: [{ mchid: conf.mchid, attach: 'a',
      amount: { total_amount: 10, currency: 'CNY' }, out_trade_no: number('S'), description: 'a thing' }] })).code_url);
  await step('upload', async () => well(await client.upload_images(Buffer.from('GIF89a'), 'a.jpg')).media_id);
  await step('error: no such order', () => wrong(() => client.query({ out_trade_no: 'NOSUCHORDER' })));
  process.exit();
})();
