"""What the central station's help says."""

HELP = """\
arrows  choose a room     Enter or a click  show it in full
o  worst first, or by name     w  go to the worst room
a  in a room: acknowledge its most urgent alarm, if this station
   and the room allow it; the room answers. On a room that is not
   heard: seen, this station is quiet about it until it is back
p  pause the sound of THIS station for two minutes; again: resume.
   Anything new or worse breaks the pause. Rooms sound on
y  in a room: why is it alarming?
i  messages that were refused, and how the broker is reached
n  night colours   N  the next   ?  help   Esc  back   q  leave

***  HIGH      red, flashing fast     someone must act now
**   MEDIUM    yellow, flashing slow  someone must act soon
*    LOW       cyan, steady           be aware
?    SILENT    violet, flashing: no word from the room for long
     LOST      the broker says that its connection broke
     NOT HEARD listed in the configuration, and never there
     TWO ENGINES  two speak for one room: trust no number of it
     STANDBY   the person is away: alarms are held back in the room
     ended     it said that its session is over: calm
     waiting   nothing live from it yet, since a few seconds
ack            somebody acknowledged it, and it still holds
--             no value that this station can vouch for

A number's age is that of the measurement, by this station's own
clock. Alarms are decided and sounded in the rooms; this is a
second pair of eyes, and no more than the network carries.

"""
