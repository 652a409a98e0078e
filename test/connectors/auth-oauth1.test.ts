import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import OAuth from 'oauth-1.0a';
import { expect, it } from 'vitest';
import { oauth1Header, percentEncoded, signatureBase } from '../../src/connectors/kit/oauth1.ts';

it('makes the base string of RFC 5849 §3.4.1.1', () => {
  const own = [
    ['oauth_consumer_key', '9djdj82h48djs9d2'],
    ['oauth_token', 'kkk9d7dh3k39sjv7'],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', '137131201'],
    ['oauth_nonce', '7d8f3e4a'],
  ] as const;
  const request = {
    method: 'POST',
    url: 'http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
    form: [
      ['c2', ''],
      ['a3', '2 q'],
    ] as const,
  };
  expect(signatureBase(request, own)).toBe(
    'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26' +
      'c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26' +
      'oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
  );
});

it('signs the photo request of RFC 5849 §1.2', () => {
  const keys = {
    consumerKey: 'dpf43f3p2l4k3l03',
    consumerSecret: 'kd94hf93k423kf44',
    token: 'nnch734d00sl2jdk',
    tokenSecret: 'pfkkdhi9sl3r4s00',
    realm: 'Photos',
  };
  const request = { method: 'GET', url: 'http://photos.example.net/photos?file=vacation.jpg&size=original' };
  const header = oauth1Header(keys, request, { timestamp: 137131202, nonce: 'chapoH' }, 'HMAC-SHA1');
  expect(header.startsWith('OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03"')).toBe(true);
  // The RFC's own signature leaves `oauth_version` out; an independent library says what it is with it.
  const library = new OAuth({
    consumer: { key: keys.consumerKey, secret: keys.consumerSecret },
    signature_method: 'HMAC-SHA1',
    hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64'),
  });
  const data = {
    oauth_consumer_key: keys.consumerKey,
    oauth_token: keys.token,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: 137131202,
    oauth_nonce: 'chapoH',
    oauth_version: '1.0',
  };
  const wanted = library.getSignature(request, keys.tokenSecret, data);
  expect(header).toContain(`oauth_signature="${percentEncoded(wanted)}"`);
});

it('comes to the signature of an independent library for whatever is asked', () => {
  const library = new OAuth({
    consumer: { key: 'ck', secret: 'cs' },
    signature_method: 'HMAC-SHA256',
    hash_function: (base, key) => createHmac('sha256', key).update(base).digest('base64'),
  });
  const word = fc.string({ unit: fc.constantFrom(..."ab1-._~ !*'()&=+%äß/?".split('')), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(word, word), { maxLength: 5, selector: ([name]) => name }), (pairs) => {
      const query = pairs.map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`).join('&');
      const url = `https://acme.example.com/services/rest/${query === '' ? '' : `?${query}`}`;
      const stamp = { timestamp: 1_700_000_000, nonce: 'n' };
      const keys = { consumerKey: 'ck', consumerSecret: 'cs', token: 'tk', tokenSecret: 'ts' };
      const data = {
        oauth_consumer_key: 'ck',
        oauth_token: 'tk',
        oauth_signature_method: 'HMAC-SHA256',
        oauth_timestamp: stamp.timestamp,
        oauth_nonce: stamp.nonce,
        oauth_version: '1.0',
      };
      const wanted = library.getSignature(
        // Its own reading of a query leaves names encoded.
        { url: url.split('?')[0] ?? '', method: 'GET', data: Object.fromEntries(pairs) },
        'ts',
        data,
      );
      expect(oauth1Header(keys, { method: 'GET', url }, stamp)).toContain(
        `oauth_signature="${percentEncoded(wanted)}"`,
      );
    }),
  );
});
