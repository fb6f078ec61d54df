// npm wechatpay-axios-plugin: APIv2, over HTTP and over TLS with the merchant's certificate.
'use strict';
const https = require('https'), zlib = require('zlib');
const { Wechatpay, Aes: { AesEcb }, Hash, Transformer } = require('wechatpay-axios-plugin');
const { conf, file, number, step, control, receiver, wrong, openid, today } = require('./steps');

const client = new Wechatpay({
  mchid: conf.mchid, serial: conf.serial_no, privateKey: file('private_key'), certs: { [conf.public_key_id]: file('public_key') },
  secret: conf.api_v2_key, baseURL: `${conf.url}/`, merchant: { cert: file('certificate'), key: file('private_key'), ca: file('ca') },
  ...(conf.url.startsWith('https') && { httpsAgent: new https.Agent({ ca: file('ca') }) }),
});

function accept(path, headers, body) {
  const fields = Transformer.toObject(body);
  if (fields.req_info) {
    return Transformer.toObject(AesEcb.decrypt(fields.req_info, Hash.md5(Hash.keyObjectFrom(conf.api_v2_key))));
  }
  const type = fields.sign.length === 64 ? 'HMAC-SHA256' : 'MD5';
  if (Hash.sign(type, fields, conf.api_v2_key) !== fields.sign) throw new Error('signature');
  return fields;
}

(async () => {
  const hook = await receiver(accept, '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>');
  const [A, B, R] = [...'ABR'].map(number);
  const base = { appid: conf.appid, mch_id: conf.mchid }, secured = { security: true };
  const { pay, secapi, risk } = client.v2;
  const order = { ...base, body: 'a thing', spbill_create_ip: '127.0.0.1', notify_url: `${hook.url}/pay` };
  await step('place', async () => (await pay.unifiedorder.post({
    ...order, out_trade_no: A, total_fee: 100, trade_type: 'JSAPI', openid })).data.prepay_id);
  await step('place native, HMAC-SHA256', async () => (await pay.unifiedorder.post({
    ...order, out_trade_no: B, total_fee: 1, trade_type: 'NATIVE', product_id: '1', sign_type: 'HMAC-SHA256' })).data.code_url);
  await step('query', async () => (await pay.orderquery.post({ ...base, out_trade_no: A })).data.trade_state);
  await step('close', async () => (await pay.closeorder.post({ ...base, out_trade_no: B })).data.result_code);
  await step('the payer pays', async () => (await control(`orders/${A}/pay`)).state);
  await step('notification of the payment', async () => (await hook.wait('/pay')).transaction_id);
  await step('query when paid', async () => (await pay.orderquery.post({ ...base, out_trade_no: A })).data.trade_state);
  await step('refund', async () => (await secapi.pay.refund.post({
    ...base, out_trade_no: A, out_refund_no: R, total_fee: 100, refund_fee: 10, notify_url: `${hook.url}/refund` }, secured)).data.refund_id);
  await step('refund query', async () => (await pay.refundquery.post({ ...base, out_refund_no: R })).data.refund_status_0);
  await step('the refund arrives', async () => (await control(`refunds/${R}/success`)).state);
  await step('notification of the refund', async () => (await hook.wait('/refund')).refund_status);
  await step('public key', async () => (await risk.getpublickey.post({ mch_id: conf.mchid, sign_type: 'MD5' }, secured)).data.pub_key);
  const whole = { responseType: 'arraybuffer', transformResponse: [(data) => data] }, bill_date = today.replace(/-/g, '');
  await step('trade bill', async () => {
    const packed = (await pay.downloadbill.post({ ...base, bill_date, bill_type: 'ALL', tar_type: 'GZIP' }, whole)).data;
    return zlib.gunzipSync(Buffer.from(packed)).toString().split('\n')[1];
  });
  await step('error: no such order', () => wrong(() => pay.orderquery.post({ ...base, out_trade_no: 'NOSUCHORDER' })));
  await control('faults', { fault: 'wrong-signature' });
  await step('wrong-signature is refused', () => wrong(() => pay.orderquery.post({ ...base, out_trade_no: A })));
  process.exit();
})();
