// npm tenpay: APIv2 over TLS, with the merchant's PKCS#12.
'use strict';
const Tenpay = require('tenpay');
const { conf, file, number, step, control, receiver, openid, today } = require('./steps');

const client = new Tenpay({
  appid: conf.appid, mchid: conf.mchid, partnerKey: conf.api_v2_key, pfx: file('p12'), notify_url: 'x', spbill_create_ip: '127.0.0.1' });
// The client has its hosts built in.
for (const name of Object.keys(client.urls)) {
  client.urls[name] = client.urls[name].replace(/https:\/\/(api|fraud)\.mch\.weixin\.qq\.com/, conf.url);
}

const accept = (path, headers, body) => new Promise((resolve, reject) => {
  const request = { body }, response = { header() {}, send: (text) => reject(new Error(text)) };
  const kind = path.includes('refund') ? 'refund' : 'pay';
  client.middlewareForExpress(kind)(request, response, () => resolve(request.weixin));
});
const wrong = async (call) => {
  try { await call(); } catch (error) { return error.message; }
  throw new Error('accepted');
};

(async () => {
  const hook = await receiver(accept, '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>');
  client.notify_url = `${hook.url}/pay`;
  client.refund_url = `${hook.url}/refund`;
  const [A, R] = [...'AR'].map(number), day = today.replace(/-/g, '');
  const order = { out_trade_no: A, body: 'a thing', total_fee: 100, openid };
  await step('place', async () => (await client.unifiedOrder(order)).prepay_id);
  await step('place, HMAC-SHA256', async () => (await client.unifiedOrder({ ...order, out_trade_no: number('H'), sign_type: 'HMAC-SHA256' })).prepay_id);
  await step('query', async () => (await client.orderQuery({ out_trade_no: A })).trade_state);
  await step('the payer pays', async () => (await control(`orders/${A}/pay`)).state);
  await step('notification of the payment', async () => (await hook.wait('/pay')).out_trade_no);
  await step('refund, with op_user_id', async () => (await client.refund({ out_trade_no: A, out_refund_no: R, total_fee: 100, refund_fee: 10 })).refund_id);
  await step('the refund arrives', async () => (await control(`refunds/${R}/success`)).state);
  await step('notification of the refund', async () => (await hook.wait('/refund')).req_info.refund_status);
  await step('trade bill', async () => client.downloadBill({ bill_date: day }, true));
  await step('fund bill', async () => client.downloadFundflow({ bill_date: day }, true));
  await step('transfer', async () => (await client.transfers({ partner_trade_no: number('T'), openid, re_user_name: 'x', amount: 100, desc: 'thanks' })).payment_no);
  const packet = `${conf.mchid}${day}0000000001`;
  await step('red packet', async () => (await client.sendRedpack({
    mch_billno: packet, send_name: 'shop', re_openid: openid, total_amount: 100, wishing: 'x', act_name: 'x', remark: 'x' })).send_listid);
  await step('red packet query', async () => (await client.redpackQuery({ mch_billno: packet })).status);
  await step('public key', async () => (await client.getPublicKey({})).pub_key.slice(0, 30));
  await step('error: no such order', () => wrong(() => client.orderQuery({ out_trade_no: 'NOSUCHORDER' })));
  process.exit();
})();
