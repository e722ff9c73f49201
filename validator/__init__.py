"""validator: does the app that users have still work against what is live now?"""
