import { isRefusal, messageOf, passesByItself } from '../../../lib/private/handlers/passing-errors.lambda-shared';

const error = (name: string, extra: object = {}): Error => Object.assign(new Error(name), { name }, extra);

test.each([
  error('ThrottlingException'), error('LimitExceededException'), error('TooManyRequestsException'), error('TimeoutError'),
  error('InternalServerException', { $fault: 'server' }), error('Error', { code: 'ECONNRESET' }),
])('%s passes by itself', thrown => {
  expect(passesByItself(thrown)).toBe(true);
});

test.each([error('AccessDeniedException', { $fault: 'client' }), error('ValidationException'), error('Error', { code: 'ENOENT' }), 'text', undefined])(
  '%s does not pass by itself', thrown => {
    expect(passesByItself(thrown)).toBe(false);
  });

test('a refusal is what the service says about the request, and nothing else is', () => {
  expect(isRefusal(error('ValidationException', { $fault: 'client' }))).toBe(true);
  expect(isRefusal(error('InternalServerException', { $fault: 'server' }))).toBe(false);
  expect(isRefusal('text')).toBe(false);
});

test('whatever was thrown has a message', () => {
  expect(messageOf(error('why'))).toBe('why');
  expect(messageOf('text')).toBe('text');
});
