// npm wechatpay-axios-plugin: APIv3 with the public key, or with a certificate.
'use strict';
const crypto = require('crypto'), zlib = require('zlib');
const { Wechatpay, Aes: { AesGcm }, Rsa, Hash, Formatter, Multipart } = require('wechatpay-axios-plugin');
const { conf, file, number, step, control, receiver, wrong, mode, openid, today } = require('./steps');

const [id, key] = mode === 'certificate'
  ? [conf.platform_serial_no.at(-1), file('platform_certificate')] : [conf.public_key_id, file('public_key')];
const client = new Wechatpay({
  mchid: conf.mchid, serial: conf.serial_no, privateKey: file('private_key'), certs: { [id]: key }, baseURL: `${conf.url}/`,
});
const encrypted = { headers: { 'Wechatpay-Serial': id } };
const seal = (text) => Rsa.encrypt(text, Rsa.from(key, Rsa.KEY_TYPE_PUBLIC));

function accept(path, headers, body) {
  if (headers['wechatpay-serial'] !== id) throw new Error(`signed with ${headers['wechatpay-serial']}`);
  const text = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
  if (!Rsa.verify(text, headers['wechatpay-signature'], Rsa.from(key, Rsa.KEY_TYPE_PUBLIC))) throw new Error('signature');
  const { ciphertext, nonce, associated_data: data } = JSON.parse(body).resource;
  return JSON.parse(AesGcm.decrypt(ciphertext, conf.api_v3_key, nonce, data));
}

(async () => {
  const hook = await receiver(accept);
  const [A, B, R, P, T] = [...'ABRPT'].map(number);
  const base = { appid: conf.appid, mchid: conf.mchid };
  const orders = client.v3.pay.transactions;
  const query = (extra = {}) => orders.outTradeNo._out_trade_no_.get({ params: { mchid: conf.mchid }, out_trade_no: A, ...extra });
  await step('place', async () => (await orders.jsapi.post({
    ...base, description: 'a thing', out_trade_no: A, notify_url: `${hook.url}/pay`, amount: { total: 100, currency: 'CNY' },
    payer: { openid }, settle_info: { profit_sharing: true } })).data.prepay_id);
  await step('place native', async () => (await orders.native.post({
    ...base, description: 'a thing', out_trade_no: B, notify_url: 'https://weixin.qq.com/', amount: { total: 1, currency: 'CNY' } })).data.code_url);
  await step('query', async () => (await query()).data.trade_state);
  await step('close', async () => (await orders.outTradeNo._out_trade_no_.close.post({ mchid: conf.mchid }, { out_trade_no: B })).status);
  await step('the payer pays', async () => (await control(`orders/${A}/pay`)).state);
  const { transaction_id: tx } = await step('query when paid', async () => (await query()).data) || {};
  await step('query by id', async () => (await orders.id._transaction_id_.get({ params: { mchid: conf.mchid }, transaction_id: tx })).data.trade_state);
  await step('notification of the payment', async () => (await hook.wait('/pay')).trade_state);
  const refunds = client.v3.refund.domestic.refunds;
  await step('refund', async () => (await refunds.post({
    transaction_id: tx, out_refund_no: R, notify_url: `${hook.url}/refund`, funds_account: 'AVAILABLE',
    amount: { refund: 10, from: [{ account: 'AVAILABLE', amount: 10 }], total: 100, currency: 'CNY' } })).data.status);
  await step('refund query', async () => (await refunds._out_refund_no_.get({ out_refund_no: R })).data.status);
  await step('the refund arrives', async () => (await control(`refunds/${R}/success`)).state);
  await step('notification of the refund', async () => (await hook.wait('/refund')).refund_status);
  for (const kind of ['tradebill', 'fundflowbill']) {
    await step(kind, async () => {
      const told = (await client.v3.bill[kind].get({ params: { bill_date: today, tar_type: 'GZIP' } })).data;
      const params = Object.fromEntries(new URL(told.download_url).searchParams);
      const packed = (await client.v3.billdownload.file.get({ params, responseType: 'arraybuffer' })).data;
      const sha1 = crypto.createHash('sha1').update(zlib.gunzipSync(packed)).digest('hex');
      if (sha1 !== told.hash_value.toLowerCase()) throw new Error('another hash');
      return sha1;
    });
  }
  const image = Buffer.from('GIF89a0000'), meta = { filename: 'a.gif', sha256: Hash.sha256(image) };
  await step('upload', async () => {
    const form = new Multipart().append('meta', JSON.stringify(meta)).append('file', image, 'a.gif');
    return (await client.v3.merchant.media.upload.post(form.getBuffer(), { meta, headers: form.getHeaders() })).data.media_id;
  });
  await step('add a receiver, encrypted', async () => (await client.v3.profitsharing.receivers.add.post({
    appid: conf.appid, type: 'PERSONAL_OPENID', account: openid, name: seal('张三'), relation_type: 'STAFF' }, encrypted)).data.account);
  await step('share, encrypted', async () => (await client.v3.profitsharing.orders.post({
    appid: conf.appid, transaction_id: tx, out_order_no: P, unfreeze_unsplit: true,
    receivers: [{ type: 'PERSONAL_OPENID', account: openid, name: seal('张三'), amount: 10, description: 'part' }] }, encrypted)).data.state);
  await step('transfer, encrypted', async () => (await client.v3.fundApp.mchTransfer.transferBills.post({
    appid: conf.appid, out_bill_no: T, transfer_scene_id: '1000', openid, user_name: seal('李四'), transfer_amount: 200000,
    transfer_remark: 'thanks', transfer_scene_report_infos: [{ info_type: 'x', info_content: 'y' }] }, encrypted)).data.state);
  await step('combined, without Wechatpay-Serial', async () => (await client.v3.combineTransactions.jsapi.post({
    combine_appid: conf.appid, combine_mchid: conf.mchid, combine_out_trade_no: number('C'), notify_url: `${hook.url}/c`,
    combine_payer_info: { openid }, sub_orders: [{ mchid: conf.mchid, attach: 'a', out_trade_no: number('S'),
      amount: { total_amount: 10, currency: 'CNY' }, description: 'a thing' }] })).data.prepay_id);
  await step(mode === 'certificate' ? 'certificates' : 'error: no certificates', async () => {
    const get = () => client.v3.certificates.get();
    if (mode !== 'certificate') return wrong(get);
    const { nonce, associated_data: data, ciphertext } = (await get()).data.data[0].encrypt_certificate;
    return AesGcm.decrypt(ciphertext, conf.api_v3_key, nonce, data).slice(0, 27);
  });
  await step('error: no such order', () => wrong(() => query({ out_trade_no: 'NOSUCHORDER' })));
  for (const fault of ['wrong-signature', 'old-timestamp', 'missing-header', 'unknown-serial']) {
    await control('faults', { fault });
    await step(`${fault} is refused`, () => wrong(() => query()));
    await control('faults/clear');
  }
  process.exit();
})();
