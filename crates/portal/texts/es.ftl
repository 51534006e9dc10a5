# Las palabras del portal, en español. Cada clave está también en los demás catálogos, con los mismos datos.

language-name = Español
skip = Ir al contenido
leave = Cerrar sesión
where = Dónde está
fault-prefix = Error:
faults = Hay un problema

reach = Cómo comunicarse con { $name }
reach-phone = Teléfono:
reach-email = Correo electrónico:
reach-hours = Horario:
reach-website = Sitio web
reach-privacy = Aviso de privacidad

month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
day-in-words = { $day } de { $month } de { $year }
month = Mes
day = Día
year = Año

# En la puerta: nada de aquí puede hablar de una deuda.

door-title = Bienvenido
door-says = { $name } tiene una página personal para usted. Presione el botón para abrirla.
door-enter = Continuar
door-private = Si este enlace no era para usted, cierre esta página.
door-cookie = Su navegador no nos indicó de dónde viene. Abra su enlace otra vez y permita las cookies de este sitio: necesitamos una para reconocer su navegador, y no la usamos para nada más.

check-title = ¿Es usted?
check-says = Para mantener privada su página, responda primero una pregunta.
check-birth = ¿Cuál es su fecha de nacimiento?
check-birth-hint = Por ejemplo 4 27 1985 (mes, día, año)
check-birth-wrong = Escriba su fecha de nacimiento: mes, día y año de cuatro cifras
check-ssn = ¿Cuáles son los últimos cuatro dígitos de su número de Seguro Social?
check-ssn-hint = Cuatro dígitos, con los ceros del principio
check-ssn-wrong = Escriba los últimos cuatro dígitos de su número de Seguro Social
check-zip = ¿Cuál es su código postal (ZIP)?
check-zip-hint = Cinco dígitos
check-zip-wrong = Escriba un código postal de cinco dígitos
check-wrong = No coincide con nuestros datos. Puede intentarlo { $left } veces más
check-wrong-last = No coincide con nuestros datos. Puede intentarlo una vez más
check-go-on = Continuar
check-why = Preguntamos porque esta página se abrió en otro navegador o desde un mensaje. Después de cinco respuestas equivocadas, el enlace se cierra.

closed-title = Este enlace está cerrado
closed = Por su seguridad, aquí ya no se aceptan más respuestas. Comuníquese con nosotros para recibir otro enlace.
unknowable-title = Comuníquese con nosotros
unknowable = No podemos comprobar en línea que es usted. Comuníquese con nosotros y le ayudaremos.

dead-title = Este enlace ya no funciona
dead = Por su seguridad, los enlaces dejan de funcionar después de un tiempo. Pida otro a quien se lo envió.
over-title = Su sesión se cerró
over = Por su seguridad, esta página se cierra después de un tiempo. Abra su enlace otra vez para continuar.
left-title = Usted cerró la sesión
left = Ahora nadie puede ver su página en este navegador. Si vuelve a abrir aquí su enlace, primero le haremos una pregunta.

refused-title = No se puede hacer eso
refused = Vuelva atrás e inténtelo otra vez, o comuníquese con quien le envió aquí.
refused-out-title = Abra su enlace otra vez
refused-out = Nadie ha entrado con este navegador, o la página se cerró por su seguridad. Abra el enlace que recibió.
refused-form-title = Inténtelo otra vez
refused-form = Por su seguridad no se hizo nada: la página que envió no se abrió aquí, o se abrió hace demasiado tiempo. Vuelva atrás, cargue la página otra vez e inténtelo de nuevo.
refused-missing-title = Esa página no existe
refused-missing = Puede que la dirección esté mal escrita, o que ya no haya nada aquí.
refused-busy-title = Inténtelo otra vez en un momento
refused-busy = En este momento hay demasiado trabajo. No se hizo nada con lo que envió.
refused-broken-title = Algo falló de nuestra parte
refused-broken = Ya quedó anotado. Inténtelo otra vez en un momento.

# Lo que se debe.

accounts-title = Sus cuentas
accounts-all = Todas sus cuentas
accounts-none = Por ahora no hay nada que mostrarle.
account-title = Su cuenta
account = Cuenta
account-number = Cuenta terminada en { $number }
owed-now = se deben ahora
owed-of = Se deben ahora { $amount }
on-its-way = { $amount } se están pagando y todavía no se han descontado
standing-paid = Pagada por completo. Gracias.
standing-closed = Esta cuenta está cerrada.
creditors = A quién se debe
creditor-original = Acreedor original
creditor-current = Acreedor actual
creditor-product = Por qué se debe
creditor-number = Número de cuenta
creditor-reference = Nuestra referencia
under = De qué se compone

# Lo que se ha pagado.

payments-title = Sus pagos
payments-all = Todos sus pagos
payments-none = Todavía no hay pagos.
payments-newest = Los más recientes primero
payments-older = Pagos anteriores
payment-title = Su pago
payment-standing = Estado
payment-day = Fecha
payment-amount = Monto
payment-scheduled = Programado
payment-scheduled-says = Todavía no se ha cobrado nada. Se cobrará en su día.
payment-checking = En consulta con su banco
payment-checking-says = Estamos consultando con su banco qué pasó con este pago. No se le ha cobrado dos veces y no tiene que hacer nada: esta página lo averigua por sí sola.
payment-pending = En camino desde su banco
payment-pending-says = Ya se pidió a su banco y el dinero está en camino. Eso tarda unos días hábiles bancarios.
payment-pending-until = Ya se pidió a su banco y el dinero está en camino. Lo esperamos para el { $day }.
payment-succeeded = Pagado
payment-partly-refunded = Pagado, y devuelto en parte
payment-declined = Rechazado: no se pagó nada
payment-canceled = Cancelado: no se pagó nada
payment-refunded = Se le devolvió
payment-returned = Devuelto por su banco: no cuenta como pagado
payment-returned-says = Su banco retiró el dinero. Revise su cuenta con su banco o comuníquese con nosotros.
payment-refunded-amount = Devuelto
payment-to = Pagado a
payment-by = Pagado por
payment-with = Pagado con
payment-part = De esto
payment-balance-after = Saldo pendiente después
payment-reference = Referencia
payment-look-again = Ver otra vez
payment-go-on = Continuar al sitio de donde vino
payment-print = Para guardar esta página como recibo, imprímala o guárdela.
method-card = Tarjeta
method-bank = Cuenta bancaria
method-brand = Tarjeta { $brand }
method-ending = { $kind } terminada en { $four }
declined-funds = No había dinero suficiente en la cuenta. No se cobró nada.
declined-expired = La tarjeta está vencida. No se cobró nada.
declined-code = El código de seguridad no era correcto. No se cobró nada.
declined-number = El número de tarjeta o de cuenta no se puede usar. No se cobró nada.
declined-other = Su banco no lo permitió. No se cobró nada. Su banco puede decirle por qué, o puede probar con otra tarjeta o cuenta.
declined-later = No se pudo contactar a su banco, o pide esperar. No se cobró nada. Inténtelo más tarde.

# Lo que alguien disputa.

back = Volver
text-too-long = Escriba menos de 10,000 caracteres
dispute-new-title = Díganos qué no es correcto
dispute-new-says = Puede disputar lo que se le reclama, o una parte. Entonces dejamos de cobrarlo hasta haberle respondido.
dispute-reason-asked = ¿Qué no es correcto?
dispute-reason-wrong = Elija qué no es correcto
dispute-text = Con sus propias palabras
dispute-text-hint = Puede dejarlo vacío. No escriba aquí números de tarjeta ni de cuenta.
dispute-send = Enviar
reason-not-mine = Esta deuda no es mía, o no soy la persona que buscan
reason-wrong-amount = El monto no es correcto
reason-paid = Ya la pagué
reason-settled = Ya se llegó a un acuerdo
reason-original-creditor = Quiero saber quién es el acreedor original
reason-somebody-else = La debe un seguro u otra persona
reason-service = Los bienes o servicios no fueron lo acordado
reason-identity-theft = Otra persona contrajo esta deuda a mi nombre
reason-bankruptcy = Se extinguió por bancarrota
reason-too-old = Es demasiado antigua
reason-other = Otra cosa
dispute-title = Su disputa
dispute-open = La recibimos y le responderemos
dispute-answered = Le hemos respondido
dispute-upheld = Usted tenía razón
dispute-rejected = La revisamos y la deuda se confirmó
dispute-withdrawn = Usted la retiró
dispute-meanwhile = Mientras tanto no cobramos esto.
dispute-received = Recibida
dispute-reason = Qué no es correcto
dispute-amount = Cuánto de ello
dispute-your-words = Sus palabras
dispute-answers = Nuestras respuestas
dispute-withdraw-asked = Retirarla
dispute-withdraw-says = Si esto ya quedó resuelto para usted, puede retirar su disputa. Entonces podremos volver a cobrar.
dispute-withdraw = Retirar mi disputa
disputes = Lo que usted disputó
dispute-offer = ¿Hay algo que no es correcto?
dispute-offer-says = Si esto no es suyo, o el monto no es correcto, díganoslo. No cuesta nada, y dejamos de cobrar hasta haberle respondido.
dispute-begin = Esto no es correcto

documents = Documentos
document-statement = Estado de cuenta
document-validation-notice = Aviso sobre la deuda
document-contract = Contrato
document-judgment = Sentencia
document-other = Documento

item-title = Cómo se llegó a esto
item-none = Aquí no hay un desglose de este monto. Si quiere saber cómo se formó, pregúntenos, o díganos que no es correcto.
item-what = Concepto
item-day = Fecha
item-began = Se debía en esta fecha ({ $kind })
item-began-last-statement = último estado de cuenta
item-began-charge-off = paso a pérdidas
item-began-last-payment = último pago
item-began-transaction = cuando comenzó
item-began-judgment = sentencia
item-interest = Intereses
item-fee = Cargo
item-payment = Pago
item-credit = Crédito
item-since-paid = Pagado desde entonces
item-since-back = Pagos devueltos desde entonces
item-since-raised = Agregado desde entonces
item-since-lowered = Descontado desde entonces
item-now = Se debe ahora
nav = Páginas
nav-contact = Cómo comunicarnos con usted

# Cómo quiere alguien que se le contacte.

contact-title = Cómo podemos comunicarnos con usted
contact-language = ¿Qué idioma lee?
contact-language-wrong = Elija un idioma
contact-ways = ¿Por qué medios podemos comunicarnos con usted?
contact-ways-hint = Quite la marca de cualquier medio que no quiera. Dejaremos de usarlo de inmediato.
way-email = Correo electrónico
way-sms = Mensaje de texto
way-phone = Llamada telefónica
way-mail = Carta
contact-save = Guardar
contact-saved = Guardado. Vale desde ahora.
contact-stop-title = Detener todo contacto
contact-stop-says = Puede pedirnos que dejemos de contactarle por completo. Podrá seguir usando esta página. Lo que debe queda igual.
contact-stop-asked = Quiero que dejen de contactarme
contact-stop = Dejen de contactarme
contact-stopped = Usted nos pidió dejar de contactarle, y así lo hicimos. Si cambia de opinión, comuníquese con nosotros.

# Pagar.

pay-begin = Pagar
pay-title = Hacer un pago
pay-how-much = ¿Cuánto quiere pagar?
pay-whole = Todo: { $amount }
pay-part = Otro monto
pay-amount = Monto en dólares
pay-amount-hint = Por ejemplo 50.00
pay-amount-least = Al menos { $least }, o todo. Por ejemplo 50.00
pay-amount-wrong = Escriba un monto en dólares, como 50.00
pay-amount-above = Escriba como máximo { $most }: es lo que se puede pagar ahora
pay-amount-below = Escriba al menos { $least }, o todo, que son { $most }
pay-amount-whole = Aquí solo se puede pagar todo de una vez: { $most }
pay-amount-both = Eligió pagar todo y escribió otro monto. Elija uno de los dos
pay-amount-changed = Entretanto cambió lo que se debe. Revíselo otra vez
pay-with = ¿Con qué quiere pagar?
pay-with-wrong = Elija con qué quiere pagar
pay-with-stopped = En este momento no se puede cobrar ahí. Elija otra forma de pago
pay-new-card = Una tarjeta nueva
pay-not-yet = Todavía no se cobra nada. En la página siguiente verá todo otra vez.
pay-nothing = Por ahora no se puede pagar nada en esta cuenta. Si tiene alguna pregunta, comuníquese con nosotros.
pay-by-plan = Esta cuenta se paga a plazos. Comuníquese con nosotros para acordarlos.
pay-tried-title = Comuníquese con nosotros
pay-tried = Hoy se rechazaron demasiados pagos, así que por ahora no se aceptan más aquí. No se cobró nada. Comuníquese con nosotros o inténtelo mañana.
review-title = Revise su pago una vez más
review-when = Cuándo
review-now = Ahora
review-left = Se deberá después
review-change = Cambiar algo
review-authorizes = Al presionar el botón, autorizo a { $organization } a cobrar { $amount } una sola vez, hoy, a lo siguiente: { $method }.
review-this-card = la tarjeta de esta página
review-pay = Pagar { $amount }
card-holder = Nombre en la tarjeta
card-holder-wrong = Escriba el nombre que está en la tarjeta
card-number = Número de tarjeta
card-number-wrong = Escriba el número completo, como está en la tarjeta
card-expiry = Válida hasta
card-expiry-wrong = Escriba el mes y el año hasta los que vale la tarjeta
card-code = Código de seguridad
card-code-hint = Tres dígitos al reverso, o cuatro al frente en American Express
card-code-wrong = Escriba el código de seguridad de la tarjeta
card-zip = Código postal (ZIP) de la dirección de facturación

# Mensajes.

nav-tickets = Mensajes
tickets-title = Mensajes
tickets-says = Escríbanos aquí y lea lo que le respondemos.
tickets-newest = Sus conversaciones, la más reciente primero
tickets-older = Conversaciones anteriores
ticket-begin = Escribir un mensaje
ticket-new = Nuevo
ticket-last = Último mensaje
ticket-new-title = Escribir un mensaje
ticket-about = Asunto
ticket-about-asked = ¿De qué se trata?
ticket-about-wrong = Elija de qué se trata
about-account = Quiero saber más sobre una cuenta
about-plan = Quiero cambiar un plan de pagos
about-call = Quiero que me llamen
about-logging-in = Problemas para entrar
about-other = Otra cosa
ticket-account = ¿Qué cuenta? (puede omitirlo)
ticket-account-none = Ninguna en particular
ticket-account-wrong = Elija una de sus cuentas, o ninguna
ticket-subject = Título
ticket-subject-missing = Escriba unas palabras como título
ticket-subject-too-long = Escriba un título de 200 caracteres como máximo
ticket-text = Su mensaje
ticket-text-hint = No escriba aquí números de tarjeta ni de cuenta.
ticket-text-missing = Escriba un mensaje
ticket-send = Enviar
ticket-many-title = Espere, por favor
ticket-many = Hoy ha comenzado muchas conversaciones. Siga en una de ellas o llámenos, por favor.
ticket-title = Su conversación
ticket-open = Le responderemos aquí
ticket-resolved = Respondido
ticket-closed = Cerrado
ticket-closed-says = Esta conversación está cerrada. Puede comenzar otra.
ticket-messages = Mensajes
ticket-you = Usted
ticket-read = Lo he leído
ticket-answer = Su respuesta

# Entrar sin enlace: nada aquí puede hablar de una deuda.

log-in-title = Encuentre su página
log-in-says = Díganos quién es para abrir su página personal.
log-in-phone = Su número de teléfono
log-in-phone-wrong = Escriba un número de teléfono de EE. UU., con su código de área
log-in-first = Su nombre
log-in-first-wrong = Escriba su nombre
log-in-last = Su apellido
log-in-last-wrong = Escriba su apellido
log-in-ssn = Los últimos cuatro dígitos de su número de Seguro Social
log-in-birth = Su fecha de nacimiento
log-in-zip = Su código postal
log-in-wrong = No pudimos encontrar su página con esto. Revise lo que escribió o comuníquese con nosotros
log-in-others = Encuentre su página con otros datos
log-in-by-phone-ssn = Con teléfono y número de Seguro Social
log-in-by-phone-birth = Con teléfono y fecha de nacimiento
log-in-by-phone-zip = Con teléfono y código postal
log-in-by-name-ssn = Con nombre y número de Seguro Social
log-in-by-name-birth = Con nombre y fecha de nacimiento
log-in-many-title = Comuníquese con nosotros
log-in-many = Por su seguridad, por ahora no se aceptan más intentos aquí. Comuníquese con nosotros o vuelva a intentarlo más tarde.
