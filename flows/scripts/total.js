// What PRICE_CENTS times QUANTITY should look like on screen.
const cents = Number(PRICE_CENTS) * Number(QUANTITY);
output.total = '€' + (cents / 100).toFixed(2);
console.log('expecting ' + output.total);
